enum JournalTestsPlaceholder {}
