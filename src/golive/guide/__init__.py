"""The Deployment Guide: the plan and its graph as one document for people."""
