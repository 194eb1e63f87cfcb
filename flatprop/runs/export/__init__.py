"""Trained models in the formats of others: ONNX, and safetensors for PyTorch."""
