enum AttackTestsPlaceholder {}
