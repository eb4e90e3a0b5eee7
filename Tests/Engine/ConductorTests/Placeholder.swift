enum ConductorTestsPlaceholder {}
