enum EgressTestsPlaceholder {}
