enum ControlProtocolPlaceholder {}
