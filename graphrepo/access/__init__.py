"""Who is asking and what they may do: functions from values to values, no I/O."""
