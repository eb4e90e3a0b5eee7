enum GitTestsPlaceholder {}
