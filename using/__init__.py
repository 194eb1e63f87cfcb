"""Using a trained model: scoring it on labelled examples, and predicting from new inputs."""
