"""What can be said of one series of figures, or of two, on demand: values in even steps in, plain figures out. No IO, no state; numpy alone."""
