"""File formats of `spyglass import` and `spyglass export`: one file per format.

Whatever the format, what is read becomes pieces of OTLP (`pieces.Piece`), and what is written comes as Arrow tables of `model.schema.SCHEMAS`.
"""
