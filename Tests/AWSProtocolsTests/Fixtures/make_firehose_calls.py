"""Writes firehose-calls.json: requests as botocore's serializer makes them. Run by hand (made with botocore 1.43.11)."""

import json

import botocore.session
from botocore.serialize import create_serializer

model = botocore.session.get_session().get_service_model("firehose")
serializer = create_serializer("json", include_validation=True)
S3 = {"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::b", "Prefix": "ses/",
      "ErrorOutputPrefix": "err/", "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
      "CompressionFormat": "GZIP", "FileExtension": ".gz", "S3BackupMode": "Disabled"}
NAME = {"DeliveryStreamName": "ses-events"}
CALLS = [
    ("PutRecord", {**NAME, "Record": {"Data": b'{"eventType":"Send"}\n'}}),
    ("PutRecordBatch", {**NAME, "Records": [{"Data": b""}, {"Data": b"\x00\xff?>"}, {"Data": "ü".encode()}]}),
    ("CreateDeliveryStream", {**NAME, "DeliveryStreamType": "DirectPut", "ExtendedS3DestinationConfiguration": S3,
                              "Tags": [{"Key": "team", "Value": "mail"}, {"Key": "bare"}]}),
    ("DescribeDeliveryStream", {**NAME, "Limit": 1}),
    ("ListDeliveryStreams", {}),
    ("ListDeliveryStreams", {"Limit": 3, "ExclusiveStartDeliveryStreamName": "a"}),
    ("DeleteDeliveryStream", {**NAME, "AllowForceDelete": True}),
    ("UpdateDestination", {**NAME, "CurrentDeliveryStreamVersionId": "2", "DestinationId": "d-1",
                           "ExtendedS3DestinationUpdate": {"Prefix": "new/"}}),
    ("TagDeliveryStream", {**NAME, "Tags": [{"Key": "k", "Value": "v"}]}),
    ("UntagDeliveryStream", {**NAME, "TagKeys": ["k", "l"]}),
    ("ListTagsForDeliveryStream", NAME),
]
calls = []
for operation, parameters in CALLS:
    request = serializer.serialize_to_request(parameters, model.operation_model(operation))
    calls.append({"target": request["headers"]["X-Amz-Target"], "body": request["body"].decode()})
print(json.dumps(calls, indent=1))
