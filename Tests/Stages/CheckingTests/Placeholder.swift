enum CheckingTestsPlaceholder {}
