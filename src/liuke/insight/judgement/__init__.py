"""One judgement of every customer: grade, risk, value, next purchase, and the reasons.

Nothing is imported here, so that the settings and the stages load without the engine and the models.
"""
