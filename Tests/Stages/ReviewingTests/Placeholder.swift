enum ReviewingTestsPlaceholder {}
