"""What somebody does who means harm, or what an agent does that was led astray: one analyzer per module."""
