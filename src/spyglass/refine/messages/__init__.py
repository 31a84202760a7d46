"""Messages of model calls: from any convention's attributes, events and bodies to content-addressed canonical messages.

In: a normalised batch. Out: the batch with `input_messages` and `output_messages` filled and `Batch.messages` holding each new message once.
`stage` runs it, `sources` says where messages are found, one file per shape reads them, `canonical` writes the hashed form.
"""
