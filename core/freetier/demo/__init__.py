"""What `freetier demo` does: the main job, on a real small model, without any key.

parts            what is missing, and how to get it
fronts           three fake providers that limit requests as three real ones do
vectors          the texts as vectors, shared by both frameworks
langchain_job    a retrieval chain
llamaindex_job   a query engine
story            who is asked what, in which way, in which order
alone            what the same questions meet at one account
show, tables     what is printed
run              everything together
"""
