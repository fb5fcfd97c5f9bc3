"""What lies on disk in a home: settings, plans, approvals, baselines, runs, the target, chain
heads.
"""
