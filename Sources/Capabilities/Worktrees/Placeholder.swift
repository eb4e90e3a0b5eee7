enum WorktreesPlaceholder {}
