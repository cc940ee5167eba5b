import { ValidationPipe } from '@nestjs/common';
import type { ValidationPipeOptions } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { HttpProblem } from './problems.js';
import type { FieldError } from './problems.js';

const MOST_ERRORS = 20;
const LONGEST_NAME = 64;

const options: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  validationError: { target: true, value: false },
  // Fields are flat and never converted: nothing walks into what a stranger has nested.
  transformerPackage: {
    plainToInstance: <T>(type: new () => T, plain: unknown): T =>
      Object.assign(new type() as object, plain) as T,
    classToPlain: (value) => ({ ...(value as object) }),
  },
  exceptionFactory: (errors) =>
    new HttpProblem('invalidRequest', { errors: errors.slice(0, MOST_ERRORS).map(fieldError) }),
};

/** For `@Body(bodyPipe)`: every rule of the DTO holds, and no other field is there. */
export const bodyPipe = new ValidationPipe({ ...options, forbidNonWhitelisted: true });

/** For `@Query(queryPipe)`: parameters that the DTO does not know are ignored. */
export const queryPipe = new ValidationPipe(options);

function fieldError({ property, constraints = {}, contexts, target }: ValidationError): FieldError {
  const field = property.slice(0, LONGEST_NAME);
  const [rule = '', message = 'is not valid'] = Object.entries(constraints)[0] ?? [];
  if (rule === 'whitelistValidation')
    return { field, message: 'is not a field of this request', allowed: fieldsOf(target) };
  const allowed: unknown = contexts?.[rule]?.allowed;
  return { field, message, ...(Array.isArray(allowed) ? { allowed } : {}) };
}

function fieldsOf(target: object | undefined): string[] {
  if (!target) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(rules.map((rule) => rule.propertyName))];
}
