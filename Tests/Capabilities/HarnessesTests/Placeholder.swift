enum HarnessesTestsPlaceholder {}
