enum EndToEndPlaceholder {}
