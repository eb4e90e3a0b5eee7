enum ConductorPlaceholder {}
