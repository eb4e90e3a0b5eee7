enum YAMLTestsPlaceholder {}
