"""Request bodies: bounded, streamed into staging, and gone without a trace if cut short."""
