"""XML laws: Akoma Ntoso, USLM and Formex."""
