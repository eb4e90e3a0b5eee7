enum AgentsTestsPlaceholder {}
