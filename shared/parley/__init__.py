"""Parley reads the meeting mail a team already has and answers in the thread.

Read `pipeline.py` first: it is one email, start to finish. Importing this
package does nothing: no client is made and no environment is read.
"""
