enum CheckingPlaceholder {}
