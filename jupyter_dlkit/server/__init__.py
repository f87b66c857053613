"""Jupyter Server's face: who may, REST, WebSocket, one link per kernel."""
