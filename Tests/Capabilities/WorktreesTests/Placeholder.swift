enum WorktreesTestsPlaceholder {}
