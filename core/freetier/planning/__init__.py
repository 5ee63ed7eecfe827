"""Looking ahead: how much quota there will be by when, without sending anything.

Pure: what is known now comes in as values. The mirrors in `windows/` answer for one request
at a time and are exact; here thousands go at once, so a window is only how much is left, when
more comes, and how much.
"""
