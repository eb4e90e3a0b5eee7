enum PoliciesTestsPlaceholder {}
