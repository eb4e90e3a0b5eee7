enum LandingTestsPlaceholder {}
