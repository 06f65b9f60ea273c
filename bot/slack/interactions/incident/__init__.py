"""Commands, buttons and modals of an incident: translate, call one use case, answer."""
