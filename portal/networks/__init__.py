"""Networks, their units, memberships and boards; who may do what; the administration room."""
