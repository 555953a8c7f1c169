import base64

from omna.alerts.signing import headers, make_secret


def test_the_example_of_the_standard_is_signed_as_it_says() -> None:
    # The vector of the reference library.
    signed = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_secret_gives_a_signature() -> None:
    new, old = make_secret(), make_secret()
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32
    both = headers("msg_1", 1, "{}", [new, old])["webhook-signature"].split(" ")
    assert both == [headers("msg_1", 1, "{}", [key])["webhook-signature"] for key in (new, old)]
