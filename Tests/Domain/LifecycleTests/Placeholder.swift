enum LifecycleTestsPlaceholder {}
