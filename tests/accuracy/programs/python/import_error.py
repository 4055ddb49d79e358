#: type: ModuleNotFoundError
#: message: No module named 'stripe_client'
#: frames: main gateway
def gateway():
    import stripe_client  #@ gateway gateway

    return stripe_client


gateway()  #@ main <module>
