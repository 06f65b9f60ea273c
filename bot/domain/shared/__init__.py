"""What every context speaks with: ids, actors, errors, texts, severities, working hours."""
