"""Measurements of LimaActors against raw QEMU and OpenSSH. Standard library only."""
