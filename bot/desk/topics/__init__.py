"""Staff in Telegram: the desk's other door, a group with a topic for every conversation that was handed over.

`links` knows whose Telegram account it is, `team` takes what happens in the group, `acts` does what staff write there;
`mirror` makes the topics follow the conversations: `standings` compares, `due` says which call is next, `package` words
the handoff, `posts` the messages.
"""
