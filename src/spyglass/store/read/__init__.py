"""Questions to the store, one file per resource: parameters in, Arrow tables out."""
