"""People who are told of alarms: by mail, chat, telephone or whatever Apprise reaches."""
