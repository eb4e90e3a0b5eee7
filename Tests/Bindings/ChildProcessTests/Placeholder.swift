enum ChildProcessTestsPlaceholder {}
