"""The rules of shapes, dtypes and devices: plain values in, plain values out."""
