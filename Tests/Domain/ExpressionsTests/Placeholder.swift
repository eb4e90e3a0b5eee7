enum ExpressionsTestsPlaceholder {}
