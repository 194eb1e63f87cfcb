"""What the checks of all exercises are made of: questions to a student's code, answers in words."""
