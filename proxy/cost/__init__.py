"""What a month costs on AWS, from measured traffic or given numbers: `fig cost`. Nothing here is on the request path.

Numbers are fractions from the prices file to the last sum, so that the parts of an estimate add up to its total; they
are rounded where they are shown, and nowhere before.
"""
